# One library of all rooms, and beside it the cli room, which alone prints and exits.
lib_LTLIBRARIES += lib/libmyopic.la
lib_libmyopic_la_SOURCES =
lib_libmyopic_la_LDFLAGS = -version-info 0:0:0 -no-undefined -export-symbols-regex '^myo_'
lib_libmyopic_la_LIBADD = $(OPENBLAS_LIBS) $(LIBARCHIVE_LIBS) $(ISAL_LIBS) $(ZLIB_LIBS) $(LIBPNG_LIBS) $(LIBJPEG_LIBS) \
	$(LIBEXIF_LIBS) $(JANSSON_LIBS) $(XXHASH_LIBS) $(CAIRO_LIBS)

noinst_LTLIBRARIES += lib/libcli.la
lib_libcli_la_SOURCES =
lib_libcli_la_LIBADD = lib/libmyopic.la

include lib/base/local.mk
include lib/cli/local.mk
include lib/stream/local.mk
include lib/image/local.mk
include lib/draw/local.mk
include lib/heat/local.mk
include lib/telling/local.mk
include lib/erase/local.mk
include lib/chart/local.mk
include lib/gallery/local.mk
include lib/data/local.mk
include lib/plugin/local.mk
include lib/patch/local.mk
include lib/score/local.mk
include lib/net/local.mk
include lib/model/local.mk
include lib/train/local.mk
include lib/inspect/local.mk
include lib/report/local.mk
