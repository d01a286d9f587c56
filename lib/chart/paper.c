/*
 * What the paper measured, and its model of the error: V. C. Madala, S. Chandrasekaran and J. Bunk, "CNNs Avoid the
 * Curse of Dimensionality by Learning on Patches", arXiv 2205.10760 (2022).
 */
#include "chart/private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Training images, side, stride and classes of the data sets; the strides are the paper's. */
#define CIFAR10 { 50000, 32, 1, 10 }
#define CIFAR100 { 50000, 32, 1, 100 }
#define STL10 { 5000, 96, 5, 10 }
#define STL10_SMALL { 5000, 32, 0, 10 } /* made smaller; the paper gives no stride for it */
#define TINY_IMAGENET { 100000, 64, 3, 200 }
#define IMAGENET { 1281167, 256, 4, 1000 }

static const struct myo_chart_paper table[] = {
	{ "cifar10/resnet9", "CIFAR-10", "ResNet-9", CIFAR10, 7, { { 8, 75.24 }, { 12, 87.44 }, { 16, 91.55 }, { 18, 90.95 },
	    { 24, 92.38 }, { 30, 89.1 }, { 32, 90.39 } } },
	{ "cifar10/resnet18", "CIFAR-10", "ResNet-18", CIFAR10, 7, { { 8, 60.73 }, { 12, 85.93 }, { 16, 91.87 }, { 18, 92.91 },
	    { 24, 93.28 }, { 30, 92.42 }, { 32, 89.88 } } },
	{ "cifar100/resnet9", "CIFAR-100", "ResNet-9", CIFAR100, 7, { { 8, 20.04 }, { 12, 55.41 }, { 16, 61.72 }, { 18, 49.15 },
	    { 24, 68.72 }, { 30, 61.36 }, { 32, 68.74 } } },
	{ "cifar100/resnet18", "CIFAR-100", "ResNet-18", CIFAR100, 5, { { 8, 22.64 }, { 12, 53.53 }, { 16, 65.13 }, { 24, 72.78 },
	    { 32, 64.01 } } },
	{ "stl10/resnet9", "STL-10", "ResNet-9", STL10, 7, { { 8, 38.22 }, { 16, 52.09 }, { 24, 65.34 }, { 32, 71.28 },
	    { 48, 78.00 }, { 56, 80.19 }, { 96, 80.51 } } },
	{ "stl10/resnet18", "STL-10", "ResNet-18", STL10, 8, { { 8, 24.79 }, { 16, 53.79 }, { 24, 68.89 }, { 32, 79.29 },
	    { 48, 80.78 }, { 56, 80.04 }, { 64, 79.95 }, { 96, 71.86 } } },
	{ "stl10-32/resnet9", "STL-10 at 32x32", "ResNet-9", STL10_SMALL, 3, { { 8, 48.55 }, { 16, 69.18 }, { 32, 70.93 } } },
	{ "tiny-imagenet/resnet34", "Tiny ImageNet", "ResNet-34", TINY_IMAGENET, 6, { { 16, 21.67 }, { 24, 47.98 }, { 32, 57.30 },
	    { 48, 57.91 }, { 56, 57.16 }, { 64, 51.45 } } },
	{ "imagenet/resnet18", "ImageNet", "ResNet-18", IMAGENET, 6, { { 56, 32.49 }, { 112, 63.31 }, { 168, 70.82 },
	    { 196, 71.27 }, { 224, 70.95 }, { 256, 69.95 } } },
	{ "imagenet/resnet18-top5", "ImageNet, top 5", "ResNet-18", IMAGENET, 6, { { 56, 57.17 }, { 112, 85.21 }, { 168, 89.86 },
	    { 196, 89.99 }, { 224, 89.87 }, { 256, 89.13 } } },
};

static const char source[] = "Madala, Chandrasekaran and Bunk (2022), arXiv 2205.10760";

const struct myo_chart_paper *
myo_chart_paper_nth(size_t n)
{
	return n < MYO_COUNT(table) ? &table[n] : NULL;
}

const struct myo_chart_paper *
myo_chart_paper_find(const char *name)
{
	for (size_t i = 0; i < MYO_COUNT(table); i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

int
myo_chart_add_paper(struct myo_chart *chart, const struct myo_chart_paper *paper, struct myo_err *err)
{
	const struct myo_chart_look look = { .style = MYO_CHART_BESIDE, .nth = chart->panel[0].count, .dashes = 1 };
	struct myo_chart_series *const series = chart_series(&chart->panel[0], &look, err);
	char name[128];

	if (series == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < paper->count; i++)
		if (chart_point(series, paper->points[i].size, paper->points[i].accuracy, NAN, NAN, err) != MYO_OK)
			return MYO_FAIL;
	(void)snprintf(name, sizeof name, "the paper: %s, %s", paper->data, paper->network);
	if (strstr(chart->note, source) == NULL)
		chart_note(chart, "The paper: %s; whole test images, the best epoch by the test set.", source);
	return chart_key(chart, name, &look, err);
}

/* ---- the model ------------------------------------------------------------------------------------ */

double
myo_chart_model(const struct myo_chart_setting *s, double t)
{
	if (!(t >= 1 && t <= s->side))
		return NAN;
	const double across = (s->side - t) / s->stride + 1, tiles = across * across;
	const double mesh = pow(s->images * tiles, -1 / (t * t));
	const double grad = pow(s->side / t, 1 / (3 * t * t));
	const double train = 0.5 * sqrt(s->classes) * log(s->side / t);

	return (mesh * grad + train) / across; /* across is the square root of the number of tiles */
}

static double
smallest(const struct myo_chart_panel *panel)
{
	double least = INFINITY;

	for (size_t i = 0; i < panel->count; i++)
		for (size_t k = 0; k < panel->series[i].count; k++)
			least = fmin(least, panel->series[i].points[k].x);
	return least;
}

int
myo_chart_add_model(struct myo_chart *chart, const struct myo_chart_setting *s, struct myo_err *err)
{
	enum { STEPS = 200 };
	const struct myo_chart_look look = { .style = MYO_CHART_SMOOTH, .dashes = 2, .grey = true };
	struct myo_chart_panel *const panel = &chart->panel[0];
	const double first = smallest(panel);
	char images[CHART_LABEL];

	if (!(s->images > 0 && s->stride > 0 && s->classes > 0))
		return myo_fail(err, "the model of the error wants the images, the stride and the classes");
	if (!(first >= 1 && first < s->side))
		return myo_fail(err,
		    "the model of the error is of tiles from 1 to %g pixels, and the smallest here is %g", s->side,
		    first);
	struct myo_chart_series *const series = chart_series(panel, &look, err);
	if (series == NULL)
		return MYO_FAIL;
	series->right = true;
	for (int i = 0; i <= STEPS; i++) {
		const double t = i < STEPS ? first + (s->side - first) * i / STEPS : s->side;
		if (chart_point(series, t, myo_chart_model(s, t), NAN, NAN, err) != MYO_OK)
			return MYO_FAIL;
	}
	panel->right.down = true;
	panel->right.least = 0;
	(void)snprintf(panel->right.title, sizeof panel->right.title, "error of the model, up to a factor");
	chart_label(images, s->images, 0);
	chart_note(chart, "Error model: right axis, which runs downwards; known up to a factor, so only its shape counts;"
	    " %s images of side %g, stride %g, %g classes%s%s.", images, s->side, s->stride, s->classes,
	    strstr(chart->note, source) == NULL ? "; " : "", strstr(chart->note, source) == NULL ? source : "");
	return chart_key(chart, "the paper's error model", &look, err);
}
