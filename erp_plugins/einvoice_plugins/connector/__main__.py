"""`python -m einvoice_plugins.connector`."""

import sys

from einvoice_plugins.connector.cli import main

sys.exit(main())
