"""``python -m myhdl_acc``: the command line."""

import sys

from myhdl_acc.cli.main import main

sys.exit(main())
