"""Dialoog, a partner that offers the published aanmelding contract."""
