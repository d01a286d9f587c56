/* Tables with tabs, as logs and reports have them. */
#include "fuzz.h"

#include "chart/chart.h"

#include <string.h>

static void
read_cells(const struct myo_chart_table *table)
{
	struct myo_err err = MYO_ERR_INIT;
	size_t column;
	double number;

	if (!fuzz_took(myo_chart_table_need(table, "epoch", &column, &err), &err))
		return;
	for (size_t row = 0; row < myo_chart_table_rows(table); row++) {
		(void)strlen(myo_chart_table_text(table, row, column));
		(void)fuzz_took(myo_chart_table_number(table, row, column, &number, &err), &err);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct myo_chart_table *table;
	struct myo_chart *chart;
	struct myo_err err = MYO_ERR_INIT;

	(void)fuzz_file(bytes, size);
	const char *const path = fuzz_path();
	for (int growing = 0; growing < 2; growing++) {
		if (fuzz_took(myo_chart_table_read(path, growing != 0, &table, &err), &err)) {
			read_cells(table);
			myo_chart_table_free(table);
		}
	}
	if (fuzz_took(myo_chart_curves(&path, 1, false, &chart, &err), &err))
		myo_chart_free(chart);
	if (fuzz_took(myo_chart_calibration(path, &chart, &err), &err))
		myo_chart_free(chart);
	return 0;
}
