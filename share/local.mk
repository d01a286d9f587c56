# What people may want to read, copy and change: recipes, see myopic-recipe(5).
recipedir = $(pkgdatadir)/recipes
dist_recipe_DATA += share/recipes/airbench-crops.recipe share/recipes/airbench-whole.recipe share/recipes/hour.recipe share/recipes/resnet9-crops.recipe share/recipes/two-epochs.recipe
