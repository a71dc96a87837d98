"""Answers between access points and between parties: MLS, MLR, Invoice Response."""
