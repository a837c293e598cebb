"""The lighthouse program of the fixture."""

from src.app import burn

# TODO wait for dusk
if __name__ == "__main__":
    burn(3)
