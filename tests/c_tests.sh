#!/bin/sh
# In place of all C tests, where there is no Check to build them with: so that somebody misses them.
. "${srcdir:-.}/tests/setup.sh"
skip "no Check, so no C tests"
