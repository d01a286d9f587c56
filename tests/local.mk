# C tests with Check (test_ROOM.c), shell tests that run the programs by name (PROGRAM.sh).
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = \
	PATH='$(abs_top_builddir)/bin':"$$PATH"; export PATH; \
	MYOPIC_PLUGIN_PATH='$(abs_top_builddir)/plugins/.libs'; export MYOPIC_PLUGIN_PATH; \
	MYOPIC_RECIPE_PATH='$(abs_top_srcdir)/share/recipes'; export MYOPIC_RECIPE_PATH; \
	builddir='$(abs_top_builddir)'; export builddir; \
	LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0'; export LSAN_OPTIONS; \
	PYTHON3='$(PYTHON3)'; export PYTHON3; \
	OPENBLAS_NUM_THREADS=1; export OPENBLAS_NUM_THREADS; \
	MANDOC='$(MANDOC)'; export MANDOC; \
	CC='$(CC)'; export CC;
CHECK_CFLAGS_ALL = $(AM_CFLAGS) $(CHECK_CFLAGS)
CHECK_LIBS_ALL = $(ENGINE_LIBS) $(CHECK_LIBS)
EXTRA_DIST += tests/setup.sh tests/lsan.supp tests/valgrind.supp

TESTS += tests/help.sh tests/python.sh
EXTRA_DIST += tests/help.sh tests/python.sh

TESTS += tests/plugin.sh tests/outside.sh tests/pytorch.sh
EXTRA_DIST += tests/plugin.sh tests/outside.sh tests/pytorch.sh tests/load_in_pytorch.py tests/plugins build-aux/new-plugin.sh

TESTS += tests/experiments.sh tests/train.sh tests/resume.sh tests/predict.sh tests/calibrate.sh
EXTRA_DIST += tests/experiments.sh tests/train.sh tests/resume.sh tests/predict.sh tests/calibrate.sh

if HAVE_CHECK
C_TESTS =
C_TESTS += tests/test_base
tests_test_base_SOURCES = tests/test_base.c
tests_test_base_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_base_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_plugin
tests_test_plugin_SOURCES = tests/test_plugin.c
tests_test_plugin_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_plugin_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_start
tests_test_start_SOURCES = tests/test_start.c lib/net/eigen.c
tests_test_start_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_start_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_draw
tests_test_draw_SOURCES = tests/test_draw.c
tests_test_draw_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_draw_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_telling
tests_test_telling_SOURCES = tests/test_telling.c
tests_test_telling_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_telling_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_erase
tests_test_erase_SOURCES = tests/test_erase.c
tests_test_erase_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_erase_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_heat
tests_test_heat_SOURCES = tests/test_heat.c
tests_test_heat_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_heat_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_winograd
tests_test_winograd_SOURCES = tests/test_winograd.c lib/net/winograd.c lib/net/conv_winograd.c tests/variants.h \
	lib/net/conv_winograd_weights.c lib/net/dispatch.c
tests_test_winograd_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_winograd_LDADD = $(VECTOR_LIBS) $(CHECK_LIBS_ALL)

C_TESTS += tests/test_conv
tests_test_conv_SOURCES = tests/test_conv.c lib/net/conv_gather.c lib/net/conv_grid.c lib/net/conv_gemm.c lib/net/conv_weights.c lib/net/gemm.c tests/variants.h
tests_test_conv_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_conv_LDADD = $(VECTOR_LIBS) $(CHECK_LIBS_ALL) $(OPENBLAS_LIBS)

C_TESTS += tests/test_model
tests_test_model_SOURCES = tests/test_model.c
tests_test_model_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_model_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_train
tests_test_train_SOURCES = tests/test_train.c tests/toy.h lib/train/budget.c
tests_test_train_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_train_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_optimiser
tests_test_optimiser_SOURCES = tests/test_optimiser.c tests/toy.h
tests_test_optimiser_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_optimiser_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_variants
tests_test_variants_SOURCES = tests/test_variants.c tests/variants.h
tests_test_variants_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_variants_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_precision
tests_test_precision_SOURCES = tests/test_precision.c tests/variants.h
tests_test_precision_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_precision_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_golden
tests_test_golden_SOURCES = tests/test_golden.c
tests_test_golden_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_golden_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_net
tests_test_net_SOURCES = tests/test_net.c lib/net/arena.c tests/variants.h
tests_test_net_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_net_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_evidence
tests_test_evidence_SOURCES = tests/test_evidence.c tests/toy.h tests/variants.h
tests_test_evidence_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_evidence_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_gradients
tests_test_gradients_SOURCES = tests/test_gradients.c
tests_test_gradients_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_gradients_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_image
tests_test_image_SOURCES = tests/test_image.c
tests_test_image_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_image_LDADD = $(CHECK_LIBS_ALL) $(LIBPNG_LIBS) $(LIBJPEG_LIBS) $(ZLIB_LIBS)
C_TESTS += tests/test_data
tests_test_data_SOURCES = tests/test_data.c
tests_test_data_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_data_LDADD = $(CHECK_LIBS_ALL) $(LIBARCHIVE_LIBS)

C_TESTS += tests/test_patch
tests_test_patch_SOURCES = tests/test_patch.c
tests_test_patch_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_patch_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_stream
tests_test_stream_SOURCES = tests/test_stream.c tests/streams.h
tests_test_stream_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_stream_LDADD = $(CHECK_LIBS_ALL) $(XXHASH_LIBS)

C_TESTS += tests/test_inspect
tests_test_inspect_SOURCES = tests/test_inspect.c tests/streams.h
tests_test_inspect_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_inspect_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_refuse
tests_test_refuse_SOURCES = tests/test_refuse.c tests/streams.h
tests_test_refuse_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_refuse_LDADD = $(CHECK_LIBS_ALL)
C_TESTS += tests/test_chart
tests_test_chart_SOURCES = tests/test_chart.c lib/chart/ticks.c
tests_test_chart_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_chart_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_score
tests_test_score_SOURCES = tests/test_score.c
tests_test_score_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_score_LDADD = $(CHECK_LIBS_ALL)

C_TESTS += tests/test_report
tests_test_report_SOURCES = tests/test_report.c lib/report/html.c lib/report/log.c
tests_test_report_CFLAGS = $(CHECK_CFLAGS_ALL)
tests_test_report_LDADD = $(CHECK_LIBS_ALL)

check_PROGRAMS += $(C_TESTS)
TESTS += $(C_TESTS)
else
TESTS += tests/c_tests.sh
endif
EXTRA_DIST += tests/c_tests.sh

# What PyTorch says of the same numbers; golden/README has the layout.
EXTRA_DIST += tests/golden/README tests/golden/make.py tests/golden/operations.safetensors \
	tests/golden/resnet9.safetensors tests/golden/optimisers.safetensors tests/golden.h

check_PROGRAMS += tests/make_heat
tests_make_heat_SOURCES = tests/make_heat.c
tests_make_heat_LDADD = $(FILTER_LIBS)
TESTS += tests/heat.sh tests/maps.sh tests/tiles.sh tests/erase.sh
EXTRA_DIST += tests/heat.sh tests/maps.sh tests/heat.py tests/tiles.sh tests/erase.sh
TESTS += tests/evidence.sh
EXTRA_DIST += tests/evidence.sh

# Pages: the first looks at their text, the second has a browser look, where there is one.
check_PROGRAMS += tests/make_report
tests_make_report_SOURCES = tests/make_report.c
tests_make_report_LDADD = $(FILTER_LIBS)
TESTS += tests/report.sh tests/browser.sh
EXTRA_DIST += tests/report.sh tests/report.py tests/browser.sh tests/browser.js

# Small data sets in the layouts of real ones, for tests and the examples of the man pages.
check_PROGRAMS += tests/mkdata tests/rows
tests_mkdata_SOURCES = tests/mkdata.c
tests_mkdata_LDADD = $(FILTER_LIBS) $(LIBJPEG_LIBS)
tests_rows_SOURCES = tests/rows.c
tests_rows_LDADD = $(FILTER_LIBS)
EXTRA_DIST += tests/mkdata.sh
TESTS += tests/unpack.sh tests/synth.sh
EXTRA_DIST += tests/unpack.sh tests/synth.sh

# What Pillow makes of the same pictures.
check_PROGRAMS += tests/resize
tests_resize_SOURCES = tests/resize.c
tests_resize_LDADD = $(FILTER_LIBS)
TESTS += tests/pictures.sh
EXTRA_DIST += tests/pictures.sh tests/pictures.py

# The layouts of real data sets, written and read by a program of their own.
TESTS += tests/layouts.sh tests/damage.sh tests/shards.sh
EXTRA_DIST += tests/layouts.sh tests/damage.sh tests/shards.sh tests/layouts.py

TESTS += tests/sample.sh tests/eval.sh tests/mean.sh
EXTRA_DIST += tests/sample.sh tests/eval.sh tests/score.py tests/mean.sh tests/mean.py

TESTS += tests/completion.sh tests/man.sh tests/pipeline.sh tests/real.sh tests/recipe.sh tests/source.sh tests/valgrind.sh
EXTRA_DIST += tests/completion.sh tests/man.sh tests/pipeline.sh tests/real.sh tests/recipe.sh tests/source.sh tests/valgrind.sh

TESTS += tests/plot.sh
EXTRA_DIST += tests/plot.sh

TESTS += tests/info.sh tests/cmp.sh tests/stream.sh
EXTRA_DIST += tests/info.sh tests/cmp.sh tests/stream.sh

# `make installcheck`, also a part of `make distcheck`: everything is in its place, and the installed
# programs do the whole pipeline with the installed plugins.
installcheck-local: tests/mkdata
	for file in $(bin_PROGRAMS:bin/%='$(DESTDIR)$(bindir)'/%) \
		$(completions) $(bin_PROGRAMS:bin/%='$(DESTDIR)$(man1dir)'/%.1) \
		'$(DESTDIR)$(man3dir)/myopic-plugin.3' $(dist_recipe_DATA:share/recipes/%='$(DESTDIR)$(recipedir)'/%) \
		'$(DESTDIR)$(man5dir)/myopic-recipe.5' '$(DESTDIR)$(man5dir)/myopic-stream.5' '$(DESTDIR)$(man7dir)/myopic.7' \
		'$(DESTDIR)$(includedir)/myopic-plugin.h' '$(DESTDIR)$(pkgconfigdir)/myopic.pc' \
		'$(DESTDIR)$(libdir)/libmyopic.so' $(pluginexec_LTLIBRARIES:plugins/%.la='$(DESTDIR)$(pluginexecdir)'/%.so); do \
		test -s "$$file" || { echo "$$file is not installed" >&2; exit 1; }; \
	done
	PATH='$(DESTDIR)$(bindir)':"$$PATH" LD_LIBRARY_PATH='$(DESTDIR)$(libdir)' \
		MYOPIC_PLUGIN_PATH='$(if $(DESTDIR),$(DESTDIR)$(pluginexecdir))' \
		MYOPIC_RECIPE_PATH='$(if $(DESTDIR),$(DESTDIR)$(recipedir))' \
		builddir='$(abs_top_builddir)' srcdir='$(srcdir)' $(SHELL) '$(srcdir)/tests/pipeline.sh'

# Lets calls into the system fail; inject.sh preloads it. -rpath makes libtool build a shared one.
check_LTLIBRARIES += tests/libinject.la
tests_libinject_la_SOURCES = tests/inject.c
tests_libinject_la_LDFLAGS = -module -avoid-version -shared -rpath $(abs_top_builddir)/tests
TESTS += tests/inject.sh
EXTRA_DIST += tests/inject.sh

# Every parser on damaged files.
TESTS += tests/fuzz.sh
EXTRA_DIST += tests/fuzz.sh
include tests/fuzz/local.mk
