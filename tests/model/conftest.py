"""Generated examples may take their time: the first one loads usaddress's model, and build machines are shared."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
