"""Tests of the sandbox, over real HTTP where it can be."""
