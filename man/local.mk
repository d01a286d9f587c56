# One page a program, one for the stream, one for recipes, one for plugins, one for all.
dist_man_MANS += man/myopic-calibrate.1 man/myopic-cmp.1 man/myopic-enough.1 man/myopic-erase.1 man/myopic-eval.1 man/myopic-heat.1 \
	man/myopic-info.1 man/myopic-mean.1 man/myopic-plot.1 man/myopic-plugin.1 man/myopic-predict.1 man/myopic-report.1 man/myopic-sample.1 \
	man/myopic-synth.1 man/myopic-tiles.1 man/myopic-train.1 man/myopic-unpack.1 \
	man/myopic-plugin.3 man/myopic-recipe.5 man/myopic-stream.5 man/myopic.7
