# One file is one program, bin/NAME.c: options and a loop. The trainer has three more, train-*.c.
bin_PROGRAMS += bin/myopic-calibrate bin/myopic-cmp bin/myopic-enough bin/myopic-erase bin/myopic-eval bin/myopic-heat \
	bin/myopic-info bin/myopic-mean bin/myopic-plot bin/myopic-plugin bin/myopic-predict bin/myopic-report bin/myopic-sample bin/myopic-synth \
	bin/myopic-tiles bin/myopic-train bin/myopic-unpack
FILTER_LIBS = lib/libcli.la lib/libfilters.la lib/libbase.la
ENGINE_LIBS = lib/libcli.la lib/libfilters.la lib/libmyopic.la $(JANSSON_LIBS)
LDADD = $(FILTER_LIBS)
bin_myopic_calibrate_LDADD = $(ENGINE_LIBS)
bin_myopic_plugin_LDADD = $(ENGINE_LIBS)
bin_myopic_predict_LDADD = $(ENGINE_LIBS)
bin_myopic_train_LDADD = $(ENGINE_LIBS)
bin_myopic_train_SOURCES = bin/myopic-train.c bin/train-begin.c bin/train-result.c bin/train-run.h \
	bin/train-options.c bin/train-options.h

# bash-completion looks for a file of the program's name.
dist_noinst_DATA += bin/completion.bash
if COMPLETION
completions = $(bin_PROGRAMS:bin/%='$(DESTDIR)$(bashcompletiondir)'/%)
install-data-hook: install-completion
uninstall-hook: uninstall-completion
endif
install-completion:
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)'
	@set -e; first=; for program in $(bin_PROGRAMS:bin/%=%); do \
		to='$(DESTDIR)$(bashcompletiondir)'/$$program; \
		if test -z "$$first"; then \
			first=$$program; $(INSTALL_DATA) '$(srcdir)/bin/completion.bash' "$$to"; \
		else \
			rm -f "$$to"; $(LN_S) "$$first" "$$to"; \
		fi; \
	done
uninstall-completion:
	@cd '$(DESTDIR)$(bashcompletiondir)' 2>/dev/null && rm -f $(bin_PROGRAMS:bin/%=%) || :
.PHONY: install-completion uninstall-completion
