# What looks after the tree itself: the demonstration, coverage, valgrind.
EXTRA_DIST += build-aux/demo.sh

# ---- which lines the tests run: ./configure --enable-coverage && make coverage --------------------
# Tests of full disks leave gcov no place either; its words about it are not the programs'.
LCOV_FLAGS = --quiet --rc lcov_branch_coverage=0
LCOV_TOP = $$(cd '$(srcdir)' && pwd)
coverage:
if COVERAGE
	@test -n '$(LCOV)' || { echo 'make coverage: lcov is missing (Debian: lcov)' >&2; exit 1; }
	$(LCOV) $(LCOV_FLAGS) --zerocounters --directory .
	-GCOV_ERROR_FILE=/dev/null $(MAKE) $(AM_MAKEFLAGS) -k check
	$(LCOV) $(LCOV_FLAGS) --capture --directory . --output-file coverage.all
	$(LCOV) $(LCOV_FLAGS) --extract coverage.all "$(LCOV_TOP)/lib/*" "$(LCOV_TOP)/bin/*" "$(LCOV_TOP)/plugins/*" \
		--output-file coverage.info
	$(GENHTML) --quiet --prefix "$(LCOV_TOP)" --title 'myopic $(VERSION)' --output-directory coverage coverage.info
	@$(LCOV) --list coverage.info --list-full-path | sed "s|$(LCOV_TOP)/||"
	@$(LCOV) --summary coverage.info 2>&1 | grep -E 'lines|functions'
	@echo 'coverage/index.html has every line'
else
	@echo 'make coverage: configure with --enable-coverage first' >&2; exit 1
endif
clean-local:
	rm -rf coverage coverage.all coverage.info
	find . -name '*.gcda' -exec rm -f '{}' +

# ---- more tests under valgrind than `make check` has time for; the network's are for the sanitizers ----
check-valgrind: $(check_PROGRAMS) $(bin_PROGRAMS) $(pluginexec_LTLIBRARIES)
	$(AM_TESTS_ENVIRONMENT) srcdir='$(srcdir)' \
	VALGRIND_TESTS='test_base test_stream test_score test_image test_heat test_report test_model test_train' \
	$(SHELL) '$(srcdir)/tests/valgrind.sh'

.PHONY: coverage check-valgrind
