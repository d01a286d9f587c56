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
