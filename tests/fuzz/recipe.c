/* Recipes. */
#include "fuzz.h"

#include "cli/private.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct cli_recipe recipe = { 0 };
	struct myo_err err = MYO_ERR_INIT;

	(void)fuzz_file(bytes, size);
	if (fuzz_took(cli_recipe_read(fuzz_path(), "myopic-train", &recipe, &err), &err)) {
		fuzz_require(recipe.count > 0 && recipe.words[recipe.count] == NULL, "it is an argv");
		for (int i = 0; i < recipe.count; i++)
			fuzz_require(recipe.words[i] != NULL && recipe.lines[i] > 0, "its words have lines");
	}
	cli_recipe_clear(&recipe);
	return 0;
}
