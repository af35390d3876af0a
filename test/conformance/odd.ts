const DRAWN = 'its result is drawn at random, and the values are those of one generator'

const FRACTION = 'its corners are aligned to scale times size, which is a fraction and no extent of the result'

/** Tests that cannot pass, or only by chance, each with what is odd about it. They are run, and one that passes is an error. */
export const ODD: Readonly<Record<string, string>> = {
  test_adam_multiple: 'the expected values are those of epsilon 0.01, which the node does not have',
  test_bernoulli: DRAWN,
  test_bernoulli_double: DRAWN,
  test_bernoulli_double_expanded: DRAWN,
  test_bernoulli_expanded: DRAWN,
  test_bernoulli_seed: DRAWN,
  test_bernoulli_seed_expanded: DRAWN,
  test_resize_downsample_scales_cubic_align_corners: FRACTION,
  test_resize_downsample_scales_linear_align_corners: FRACTION,
  test_training_dropout: DRAWN,
  test_training_dropout_default: DRAWN,
  test_training_dropout_default_mask: DRAWN,
  test_training_dropout_mask: DRAWN,
}
