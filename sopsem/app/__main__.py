"""``python -m sopsem.app PORT [--json]``: what ``sopsem app`` runs in a process of its own."""

import sys

from sopsem.app.serve import serve
from sopsem.errors import SopsemError

if __name__ == "__main__":
    try:
        serve(int(sys.argv[1]), as_json="--json" in sys.argv[2:])
    except SopsemError as error:
        sys.stderr.write(f"sopsem: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(0)
