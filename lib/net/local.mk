lib_libmyopic_la_SOURCES += lib/net/net.h lib/net/graph.h lib/net/graph.c lib/net/weights.c lib/net/eigen.h lib/net/eigen.c lib/net/whiten.c lib/net/describe.c \
	lib/net/operation.h lib/net/op_conv.c lib/net/op_batchnorm.c lib/net/op_relu.c lib/net/op_gelu.c lib/net/op_add.c \
	lib/net/pooling.h lib/net/pooling.c lib/net/op_maxpool.c lib/net/op_avgpool.c lib/net/op_flatten.c lib/net/op_linear.c \
	lib/net/op_scale.c lib/net/op_custom.c lib/net/custom_check.c \
	lib/net/plan.h lib/net/plan.c lib/net/fuse.c lib/net/arena.h lib/net/arena.c lib/net/run.c lib/net/loss.c \
	lib/net/evidence.h lib/net/head.c lib/net/evidence.c \
	lib/net/passes.c lib/net/kernels.h lib/net/dispatch.c lib/net/gemm.h lib/net/gemm.c lib/net/product.c \
	lib/net/conv.h lib/net/conv_gather.c lib/net/conv_grid.h lib/net/conv_grid.c lib/net/conv_gemm.c lib/net/conv_weights.c lib/net/conv_small.c lib/net/tiles.h \
	lib/net/winograd.h lib/net/winograd.c lib/net/conv_winograd.c lib/net/conv_winograd_weights.c

# The inner loops, once for each vector unit; dispatch.c chooses at run time.
KERNEL_CFLAGS = $(AM_CFLAGS) $(VECTOR_CFLAGS)
noinst_LTLIBRARIES += lib/net/libkernels-portable.la
lib_net_libkernels_portable_la_SOURCES = lib/net/kernels.c
lib_net_libkernels_portable_la_CPPFLAGS = $(AM_CPPFLAGS) -DKERNELS_NAME=portable -DKERNELS_OWN_GEMM=0
lib_net_libkernels_portable_la_CFLAGS = $(KERNEL_CFLAGS)
noinst_LTLIBRARIES += lib/net/libkernels-plain.la
lib_net_libkernels_plain_la_SOURCES = lib/net/kernels.c
lib_net_libkernels_plain_la_CPPFLAGS = $(AM_CPPFLAGS) -DKERNELS_NAME=plain -DKERNELS_PLAIN -DKERNELS_OWN_GEMM=0
lib_net_libkernels_plain_la_CFLAGS = $(KERNEL_CFLAGS)
VECTOR_LIBS = lib/net/libkernels-plain.la lib/net/libkernels-portable.la lib/net/libtiles-portable.la
if KERNELS_X86
noinst_LTLIBRARIES += lib/net/libkernels-avx2.la lib/net/libkernels-avx512.la
lib_net_libkernels_avx2_la_SOURCES = lib/net/kernels.c
lib_net_libkernels_avx2_la_CPPFLAGS = $(AM_CPPFLAGS) -DKERNELS_NAME=avx2 -DKERNELS_OWN_GEMM=1
lib_net_libkernels_avx2_la_CFLAGS = $(KERNEL_CFLAGS) -mavx2
lib_net_libkernels_avx512_la_SOURCES = lib/net/kernels.c
lib_net_libkernels_avx512_la_CPPFLAGS = $(AM_CPPFLAGS) -DKERNELS_NAME=avx512 -DKERNELS_OWN_GEMM=1
lib_net_libkernels_avx512_la_CFLAGS = $(KERNEL_CFLAGS) $(AVX512_CFLAGS)
VECTOR_LIBS += lib/net/libkernels-avx2.la lib/net/libkernels-avx512.la
endif

# Winograd's tiles the same way; here products and sums may fuse.
TILE_SOURCES = lib/net/vec.h lib/net/tiles.c lib/net/tiles_maps.c lib/net/tiles_weights.c
TILE_CFLAGS = $(KERNEL_CFLAGS) -ffp-contract=fast
noinst_LTLIBRARIES += lib/net/libtiles-portable.la
lib_net_libtiles_portable_la_SOURCES = $(TILE_SOURCES)
lib_net_libtiles_portable_la_CPPFLAGS = $(AM_CPPFLAGS) -DTILES_NAME=portable -DTILES_LANES=4
lib_net_libtiles_portable_la_CFLAGS = $(TILE_CFLAGS)
if KERNELS_X86
noinst_LTLIBRARIES += lib/net/libtiles-avx2.la lib/net/libtiles-avx512.la
lib_net_libtiles_avx2_la_SOURCES = $(TILE_SOURCES)
lib_net_libtiles_avx2_la_CPPFLAGS = $(AM_CPPFLAGS) -DTILES_NAME=avx2 -DTILES_LANES=8
lib_net_libtiles_avx2_la_CFLAGS = $(TILE_CFLAGS) -mavx2 -mfma
lib_net_libtiles_avx512_la_SOURCES = $(TILE_SOURCES)
lib_net_libtiles_avx512_la_CPPFLAGS = $(AM_CPPFLAGS) -DTILES_NAME=avx512 -DTILES_LANES=16
lib_net_libtiles_avx512_la_CFLAGS = $(TILE_CFLAGS) -mfma $(AVX512_CFLAGS)
VECTOR_LIBS += lib/net/libtiles-avx2.la lib/net/libtiles-avx512.la
endif
if KERNELS_BF16
noinst_LTLIBRARIES += lib/net/libtiles-bf16.la
lib_net_libtiles_bf16_la_SOURCES = $(TILE_SOURCES)
lib_net_libtiles_bf16_la_CPPFLAGS = $(AM_CPPFLAGS) -DTILES_NAME=bf16 -DTILES_LANES=16 -DTILES_BF16
lib_net_libtiles_bf16_la_CFLAGS = $(TILE_CFLAGS) -mfma $(BF16_CFLAGS)
VECTOR_LIBS += lib/net/libtiles-bf16.la
endif
lib_libmyopic_la_LIBADD += $(VECTOR_LIBS)
