"""Granite 3: four multipliers."""

from golden.llm.models.families.family import Family, Variant


def _variant(constants, layers):
    return Variant(
        scale=constants.nonzero("attention_multiplier") if "attention_multiplier" in constants else None,
        embedding=constants.nonzero("embedding_multiplier", 1.0),
        residual=constants.nonzero("residual_multiplier", 1.0),
        logits=1 / constants.nonzero("logits_scaling", 1.0),
    )


FAMILY = Family("granite", _variant, interleaved=True, defaults={"attention_multiplier": 1.0})
