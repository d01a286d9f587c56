# One file is one program: options and a loop.
PROGRAM_LIBS = lib/libcli.la lib/libmyopic.la $(JANSSON_LIBS)

bin_PROGRAMS += bin/myopic-heat
bin_myopic_heat_SOURCES = bin/myopic-heat.c
bin_myopic_heat_LDADD = $(PROGRAM_LIBS)

bin_PROGRAMS += bin/myopic-plugin
bin_myopic_plugin_SOURCES = bin/myopic-plugin.c
bin_myopic_plugin_LDADD = $(PROGRAM_LIBS)

bin_PROGRAMS += bin/myopic-sample
bin_myopic_sample_SOURCES = bin/myopic-sample.c
bin_myopic_sample_LDADD = $(PROGRAM_LIBS)
bin_PROGRAMS += bin/myopic-predict
bin_myopic_predict_SOURCES = bin/myopic-predict.c
bin_myopic_predict_LDADD = $(PROGRAM_LIBS)

bin_PROGRAMS += bin/myopic-train
bin_myopic_train_SOURCES = bin/myopic-train.c
bin_myopic_train_LDADD = $(PROGRAM_LIBS)

bin_PROGRAMS += bin/myopic-synth
bin_myopic_synth_SOURCES = bin/myopic-synth.c
bin_myopic_synth_LDADD = $(PROGRAM_LIBS)

bin_PROGRAMS += bin/myopic-eval
bin_myopic_eval_SOURCES = bin/myopic-eval.c
bin_myopic_eval_LDADD = $(PROGRAM_LIBS)

bin_PROGRAMS += bin/myopic-info
bin_myopic_info_SOURCES = bin/myopic-info.c
bin_myopic_info_LDADD = $(PROGRAM_LIBS)

bin_PROGRAMS += bin/myopic-cmp
bin_myopic_cmp_SOURCES = bin/myopic-cmp.c
bin_myopic_cmp_LDADD = $(PROGRAM_LIBS)
bin_PROGRAMS += bin/myopic-unpack
bin_myopic_unpack_SOURCES = bin/myopic-unpack.c
bin_myopic_unpack_LDADD = $(PROGRAM_LIBS)

# bash-completion looks for a file of the program's name.
dist_noinst_DATA += bin/completion.bash
install-data-hook: install-completion
uninstall-hook: uninstall-completion
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
