"""The part of the settings that says who clients are, and whom the service is meant for."""

from workbench.settings.parts import Part


class Segments(Part):
    """Groups of clients, declared or found."""
