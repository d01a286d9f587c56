# What parsers make of bytes that nobody meant. "make fuzz" builds the targets; where the compiler has libFuzzer, FUZZER says how to link
# it in place of damage.c, as HACKING.md has it. tests/fuzz.sh runs them on small files of every kind.
FUZZER =
FUZZ_MAIN = $(if $(FUZZER),,tests/fuzz/damage.$(OBJEXT))
FUZZ_LIBS = $(FUZZ_MAIN) $(FUZZER) $(ENGINE_LIBS)
FUZZ_TARGETS =

FUZZ_TARGETS += tests/fuzz/fuzz_stream
tests_fuzz_fuzz_stream_SOURCES = tests/fuzz/stream.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h
EXTRA_tests_fuzz_fuzz_stream_SOURCES = tests/fuzz/damage.c
tests_fuzz_fuzz_stream_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_stream_DEPENDENCIES = $(FUZZ_MAIN) lib/libcli.la lib/libmyopic.la

FUZZ_TARGETS += tests/fuzz/fuzz_model
tests_fuzz_fuzz_model_SOURCES = tests/fuzz/model.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_model_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_model_DEPENDENCIES = $(FUZZ_MAIN) lib/libcli.la lib/libmyopic.la

FUZZ_TARGETS += tests/fuzz/fuzz_image
tests_fuzz_fuzz_image_SOURCES = tests/fuzz/image.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_image_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_image_DEPENDENCIES = $(FUZZ_MAIN) lib/libcli.la lib/libmyopic.la

FUZZ_TARGETS += tests/fuzz/fuzz_dataset
tests_fuzz_fuzz_dataset_SOURCES = tests/fuzz/dataset.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_dataset_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_dataset_DEPENDENCIES = $(FUZZ_MAIN) lib/libcli.la lib/libmyopic.la

FUZZ_TARGETS += tests/fuzz/fuzz_table
tests_fuzz_fuzz_table_SOURCES = tests/fuzz/table.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_table_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_table_DEPENDENCIES = $(FUZZ_MAIN) lib/libcli.la lib/libmyopic.la

FUZZ_TARGETS += tests/fuzz/fuzz_recipe
tests_fuzz_fuzz_recipe_SOURCES = tests/fuzz/recipe.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_recipe_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_recipe_DEPENDENCIES = $(FUZZ_MAIN) lib/libcli.la lib/libmyopic.la

FUZZ_TARGETS += tests/fuzz/fuzz_text
tests_fuzz_fuzz_text_SOURCES = tests/fuzz/text.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_text_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_text_DEPENDENCIES = $(FUZZ_MAIN) lib/libcli.la lib/libmyopic.la

FUZZ_TARGETS += tests/fuzz/fuzz_notes
tests_fuzz_fuzz_notes_SOURCES = tests/fuzz/notes.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_notes_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_notes_DEPENDENCIES = $(FUZZ_MAIN) lib/libcli.la lib/libmyopic.la

check_PROGRAMS += $(FUZZ_TARGETS)
.PHONY: fuzz
fuzz: $(FUZZ_TARGETS)
