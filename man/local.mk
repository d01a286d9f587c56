# One page a program, one for the stream, one for plugins, one for all.
