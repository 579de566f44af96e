"""The runner is a script with modules beside it; tests import these as the script does."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
