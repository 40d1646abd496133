"""`python -m api.cli`: where the launcher hands over."""

import sys

from api.cli.app import main

sys.exit(main(sys.argv[1:]))
