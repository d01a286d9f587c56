# One page a program, one for the stream, one for plugins, one for all.
dist_man_MANS += man/myopic-plugin.1 man/myopic-plugin.3
dist_man_MANS += man/myopic-heat.1
dist_man_MANS += man/myopic-synth.1 man/myopic-unpack.1
dist_man_MANS += man/myopic-train.1 man/myopic-predict.1
dist_man_MANS += man/myopic-stream.5 man/myopic-info.1 man/myopic-cmp.1
dist_man_MANS += man/myopic.7
dist_man_MANS += man/myopic-sample.1 man/myopic-eval.1
