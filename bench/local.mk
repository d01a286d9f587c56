# Programs that measure; "make bench" builds them, nothing runs them.
EXTRA_PROGRAMS += bench/throughput
bench_throughput_SOURCES = bench/throughput.c
bench_throughput_LDADD = $(PROGRAM_LIBS)
CLEANFILES += bench/throughput
EXTRA_DIST += bench/README.md

.PHONY: bench
bench: bench/throughput $(plugin_LTLIBRARIES)
