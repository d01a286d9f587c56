# What a network needs is installed, since plugins are linked with it; it has OpenBLAS behind it. All other rooms go into the programs
# that use them, and programs that have no network leave the first library out (bin/local.mk): none begins by loading what it doesn't use.
lib_LTLIBRARIES += lib/libmyopic.la
lib_libmyopic_la_SOURCES =
lib_libmyopic_la_LDFLAGS = -version-info 0:0:0 -no-undefined -export-symbols-regex '^myo_'
lib_libmyopic_la_LIBADD = lib/libbase.la $(OPENBLAS_LIBS)

noinst_LTLIBRARIES += lib/libbase.la
lib_libbase_la_SOURCES =
lib_libbase_la_LIBADD = $(JANSSON_LIBS) $(XXHASH_LIBS)

noinst_LTLIBRARIES += lib/libfilters.la
lib_libfilters_la_SOURCES =
lib_libfilters_la_LIBADD = $(LIBARCHIVE_LIBS) $(ISAL_LIBS) $(ZLIB_LIBS) $(LIBPNG_LIBS) $(LIBJPEG_LIBS) $(LIBEXIF_LIBS) \
	$(JANSSON_LIBS) $(XXHASH_LIBS) $(CAIRO_LIBS)

# The cli room alone prints and exits.
noinst_LTLIBRARIES += lib/libcli.la
lib_libcli_la_SOURCES =

include lib/base/local.mk
include lib/stream/local.mk

include lib/plugin/local.mk
include lib/net/local.mk
include lib/model/local.mk
include lib/train/local.mk

include lib/image/local.mk
include lib/data/local.mk
include lib/patch/local.mk
include lib/score/local.mk
include lib/heat/local.mk
include lib/telling/local.mk
include lib/erase/local.mk
include lib/inspect/local.mk
include lib/draw/local.mk
include lib/gallery/local.mk
include lib/chart/local.mk
include lib/report/local.mk

include lib/cli/local.mk
