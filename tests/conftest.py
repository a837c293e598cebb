"""What holds for all tests: examples of properties are not timed, for the machine may be busy."""

from hypothesis import settings

settings.register_profile("untimed", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("untimed")
