"""A NUMBER -> THE FORMULA AND WHAT WAS PUT IN: the printed formula is the one that is evaluated."""
