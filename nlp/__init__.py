"""Detection: provisions in, findings out. No database, no files but the rules and the trained weights.

Text is folded (`normalisation`), cut into sentences (`sentences`) and searched for triggers (`trigger`)
and by rules (`rule_loader`, `rules/*.yaml`, a coordinator's `keyword_list`). A sentence with triggers of
a category is the unit that small linear models judge (`features`, `model`): first on words and rules, and
where that leaves a doubt once more with GiNZA's reading (`pipeline`, `components`). `classifier` puts the
finding together: category, 類型 (`types`), PHASE (`phase`), basis (`basis`), `evidence` and `reasons`.

What others build on:

- `classifier.Classifier(pipeline, model=, rule_folders=).classify(provisions, progress=)`, in this process;
  `parallel.classify_in_processes(provisions, processes=, progress=, weights=, rule_folders=)` in several.
- `provision.ProvisionInput` (give it `regulations.definitions.definitions(texts)` of its instrument),
  `provision.Finding`, `provision.input_hash`, `pipeline.pipeline_version(weights, rule_folders=)`: findings may
  be kept under the last two. A folder of further rules is checked whenever it is read: `rule_schema.RuleError`
  has every problem by file and line.
- `training.gold_row`, `examples`, `fit_examples`, `train_from_gold`; `sample_gold.sample_lines` and
  `own_labels.own_lines(folder)`, which the shipped weights have learnt from as well; `model.to_bytes`, `from_bytes`;
  `evaluation.cross_validate`, `evaluate`, `assess`, `report`.
"""
