"""Detection: provisions in, findings out. No database, no files but the rules and the trained weights.

Text is folded (`normalisation`), cut into sentences (`sentences`) and searched for triggers (`trigger`);
only what a trigger lies in is parsed by GiNZA (`pipeline`). Rules (`rules/*.yaml`) and the parse give
features (`features`), a small linear model a probability (`model`), and `classifier` puts the
finding together: category, type, PHASE, basis, evidence and reason.
"""
