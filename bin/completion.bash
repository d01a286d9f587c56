# completion.bash - what bash offers after the name of one of myopic's programs.
#
# Options, the values to choose from and whether a value is a file are read from the program's own
# --help when the key is pressed, so they are those of the program that will run. Installed once
# for each program, under its name, where bash-completion looks; it can as well be sourced.

# The values that a program can list itself: architectures, formats of data sets, recipes, the paper's series.
_myopic_names()
{
	case $1 in
	architectures) myopic-plugin --list 2>/dev/null | awk '/^[a-z]/ && $1 != "refused" && !seen[$1]++ { print $1 }' ;;
	recipes) myopic-train --recipe 2>/dev/null | awk '{ print $1 }' ;;
	papers) myopic-plot --paper list 2>/dev/null | awk '{ print $1 }' ;;
	formats) myopic-unpack --list-formats 2>/dev/null | awk '{ print $1 }' ;;
	esac
}

# _myopic_offer WORDS WORD: those of WORDS that begin with WORD
_myopic_offer()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# _myopic_files ACTION WORD: add files (-f) or folders (-d)
_myopic_files()
{
	compopt -o filenames 2>/dev/null
	mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen "$1" -- "$2")
}

# _myopic_value OPTION WORD: the values of an option, of which the help is on standard input;
# fails if it takes none
_myopic_value()
{
	local line value
	# a line of the help is "  -m, --method METHOD  words: paper, cover (default paper)"
	line=$(sed -nE "/^ *(-., )?$1[ ,]/p; /^ *$1, /p" | head -n 1)
	value=$(sed -nE 's/^ *(-., )?--[^ ]+ ([A-Z][^ ]*).*/\2/p' <<<"$line")
	case $1:$value in
	*:) return 1 ;;
	*:FILE) _myopic_files -f "$2" ;;
	*:FOLDER) _myopic_files -d "$2" ;;
	--recipe:* | --show-recipe:*)
		if [[ $2 == */* ]]; then
			_myopic_files -f "$2"
		else
			_myopic_offer "$(_myopic_names recipes)" "$2"
		fi
		;;
	*:SERIES) _myopic_offer "list $(_myopic_names papers)" "$2" ;;
	*:SPEC) _myopic_offer "$(_myopic_names architectures)" "$2" ;;
	*)
		value=$(sed -nE 's/.*: ([a-z0-9-]+(, [a-z0-9-]+)+)( \(default .*\))?$/\1/p' <<<"$line")
		if [[ -z $value && $line == *" --format "* ]]; then
			value=$(_myopic_names formats)
		fi
		_myopic_offer "${value//,/}" "$2"
		;;
	esac
}

# bash calls it with the program, the word to complete, and the word before that
_myopic()
{
	local program=$1 word=$2 before=$3 help IFS=$' \t\n'

	# bash makes "=" a word of its own
	if [[ $word == = ]]; then
		word=
	elif [[ $before == = ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	COMPREPLY=()
	# an option whose name is long has its words on a line of their own
	help=$("$program" --help 2>/dev/null | sed -E '/^ +(-., )?--[^ ]+( [^ ]+)?$/ { N; s/\n +/  /; }')
	if [[ $before == -[a-zA-Z-]* ]] && _myopic_value "$before" "$word" <<<"$help"; then
		return 0
	fi
	if [[ $word == -* ]]; then
		help=$(sed -nE 's/^ *(-., )?(--[a-z0-9-]+).*/\2/p' <<<"$help")
		if [[ $word == --no-* ]]; then # takes one back that is the program's own
			help=$(sed -E '/^--(recipe|show-recipe|quiet|verbose|help|version)$/d; s/^--/--no-/' <<<"$help")
		fi
		_myopic_offer "$help" "$word"
		return 0
	fi
	if [[ ${program##*/} == myopic-plugin && $word != */* ]]; then
		_myopic_offer "$(_myopic_names architectures)" "$word"
	fi
	_myopic_files -f "$word"
}

complete -F _myopic myopic-calibrate myopic-cmp myopic-enough myopic-erase myopic-eval myopic-heat myopic-info \
	myopic-mean myopic-plot myopic-plugin myopic-predict myopic-report myopic-sample myopic-synth myopic-tiles myopic-train myopic-unpack
