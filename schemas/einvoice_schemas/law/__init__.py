"""The law of late payment as data: one JSON file a country, `eu.json` for what all share, each figure with source, date, confidence."""

from pathlib import Path

FOLDER = Path(__file__).parent
