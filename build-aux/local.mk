# What looks after the tree itself: the demonstration, coverage, valgrind.
EXTRA_DIST += build-aux/demo.sh

# ---- which lines the tests run: ./configure --enable-coverage && make coverage --------------------
LCOV_FLAGS = --quiet --rc lcov_branch_coverage=0
coverage:
if COVERAGE
	@test -n '$(LCOV)' || { echo 'make coverage: lcov is missing (Debian: lcov)' >&2; exit 1; }
	$(LCOV) $(LCOV_FLAGS) --zerocounters --directory .
	$(MAKE) $(AM_MAKEFLAGS) check
	$(LCOV) $(LCOV_FLAGS) --capture --directory . --base-directory '$(abs_srcdir)' --no-external \
		--directory '$(abs_top_srcdir)' --output-file coverage.all
	$(LCOV) $(LCOV_FLAGS) --extract coverage.all '$(abs_top_srcdir)/lib/*' '$(abs_top_srcdir)/bin/*' \
		'$(abs_top_srcdir)/plugins/*' --output-file coverage.info
	$(GENHTML) --quiet --prefix '$(abs_top_srcdir)' --title 'myopic $(VERSION)' --output-directory coverage coverage.info
	@$(LCOV) --list coverage.info --list-full-path | sed 's|$(abs_top_srcdir)/||'
	@$(LCOV) --summary coverage.info 2>&1 | grep -E 'lines|functions'
	@echo 'coverage/index.html has every line'
else
	@echo 'make coverage: configure with --enable-coverage first' >&2; exit 1
endif
clean-local:
	rm -rf coverage coverage.all coverage.info
	find . -name '*.gcda' -exec rm -f '{}' +

# ---- the C tests under valgrind; the network's are left to the sanitizers, which are quicker ---------
VALGRIND_FLAGS = --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible \
	--errors-for-leak-kinds=definite --num-callers=20 --suppressions='$(srcdir)/tests/valgrind.supp'
VALGRIND_TESTS = $(filter-out $(SLOW_C_TESTS),$(C_TESTS))
check-valgrind: $(check_PROGRAMS) $(plugin_LTLIBRARIES)
	@test -n '$(VALGRIND)' || { echo 'make check-valgrind: valgrind is missing (Debian: valgrind)' >&2; exit 1; }
	@status=0; for test in $(VALGRIND_TESTS); do \
		echo "valgrind $$test"; \
		$(AM_TESTS_ENVIRONMENT) srcdir='$(srcdir)' CK_DEFAULT_TIMEOUT=0 \
		$(LIBTOOL) --silent --mode=execute $(VALGRIND) $(VALGRIND_FLAGS) ./$$test >$$test.valgrind.log 2>&1 || \
			{ cat $$test.valgrind.log; status=1; }; \
	done; exit $$status

.PHONY: coverage check-valgrind
