# One file is one program: options and a loop.
PROGRAM_LIBS = lib/libcli.la lib/libmyopic.la $(JANSSON_LIBS)
