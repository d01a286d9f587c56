# embed.sed - lines of a text become strings in C.
s/[\\"]/\\&/g
s/.*/	"&\\n",/
