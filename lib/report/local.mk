lib_libfilters_la_SOURCES += lib/report/report.h lib/report/private.h lib/report/html.h lib/report/html.c \
	lib/report/chart.h lib/report/chart.c lib/report/log.c lib/report/gather.c lib/report/plain.c lib/report/page.c \
	lib/report/summary.c lib/report/confusion.c lib/report/classes.c lib/report/calibration.c lib/report/picks.c \
	lib/report/figure.h lib/report/figure.c lib/report/tiles.c lib/report/pictures.c lib/report/objects.c lib/report/curves.c \
	lib/report/making.c lib/report/maps.c

# Style and script are files that can be read, and go into the programs as they are.
nodist_lib_libfilters_la_SOURCES = lib/report/assets.c
EXTRA_DIST += lib/report/report.css lib/report/report.js lib/report/embed.sed
CLEANFILES += lib/report/assets.c
lib/report/assets.c: lib/report/report.css lib/report/report.js lib/report/embed.sed lib/report/local.mk
	$(AM_V_GEN)$(MKDIR_P) lib/report && { \
		echo '/* assets.c - made from report.css and report.js. */' && echo '#include "report/private.h"' && \
		for kind in css js; do \
			echo "const char *const report_$$kind[] = {" && \
			$(SED) -f '$(srcdir)/lib/report/embed.sed' "$(srcdir)/lib/report/report.$$kind" && \
			echo '	NULL };' || exit 1; \
		done; } >$@.part && mv $@.part $@
