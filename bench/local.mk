# Programs that measure; "make bench" builds them, nothing runs them.
EXTRA_PROGRAMS += bench/throughput bench/roof bench/jpeg
bench_throughput_SOURCES = bench/throughput.c
bench_throughput_LDADD = $(ENGINE_LIBS)
bench_roof_SOURCES = bench/roof.c
bench_roof_CFLAGS = $(AM_CFLAGS) -ffp-contract=fast
bench_roof_LDADD = $(ENGINE_LIBS) $(OPENBLAS_LIBS)
bench_jpeg_SOURCES = bench/jpeg.c
bench_jpeg_LDADD = $(FILTER_LIBS) $(LIBARCHIVE_LIBS) $(LIBJPEG_LIBS)
CLEANFILES += bench/throughput bench/roof bench/jpeg
EXTRA_DIST += bench/README.md bench/compare bench/memory bench/pipe bench/unpack

.PHONY: bench
bench: bench/throughput bench/roof bench/jpeg $(pluginexec_LTLIBRARIES)
