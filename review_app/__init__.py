"""The app that divisions and the coordinator work in. Reads and writes through `models`, never detects."""
