"""The envelope of a business document: SBDH 2.0.2, wrapped and unwrapped without reading the document into memory."""
