"""Files that describe a questionnaire: our own two carriers, and those of other tools.

TOML and the item sheet say everything and convert into each other without loss.  Other tools' files say less;
importing them lists what they could not say.
"""
