/** snake_case as camelCase, and names that begin with a capital likewise. */
export const camel = (key: string): string => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** camelCase as snake_case. */
export const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/**
 * As Keras names the layers of a class in files: `Conv2D` is `conv2d`, `LeakyReLU` is `leaky_re_lu`. Source: its
 * `to_snake_case`.
 */
export const snakeOfClass = (className: string): string =>
  className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()

/** Classes that Keras has under several names. */
export const CLASS_ALIASES: Readonly<Record<string, string>> = {
  BatchNormalizationV1: 'BatchNormalization',
  BatchNormalizationV2: 'BatchNormalization',
  SyncBatchNormalization: 'BatchNormalization',
}

/** Keys of Keras whose option has another name here than theirs in camelCase, by class. */
export const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Keras 2.
  LeakyReLU: { alpha: 'negativeSlope' },
  RandomUniform: { minval: 'min', maxval: 'max' },
}

/** What Keras writes into configs and what says nothing about what is computed. */
const SILENT: readonly string[] = [
  'name',
  'trainable',
  'dtype',
  'batch_input_shape',
  'batch_shape',
  'input_shape',
  'input_dtype',
  'input_length',
  'implementation',
  'fused',
]
const SILENT_IN: Readonly<Record<string, readonly string[]>> = {
  DepthwiseConv1D: ['kernel_initializer', 'groups', 'filters'],
  DepthwiseConv2D: ['kernel_initializer', 'groups', 'filters'],
  MultiHeadAttention: ['query_shape', 'key_shape', 'value_shape'],
  // TensorFlow.js writes cells a second time.
  RNN: ['cells'],
  SeparableConv1D: ['kernel_initializer', 'groups'],
  SeparableConv2D: ['kernel_initializer', 'groups'],
}

export const isSilent = (className: string, key: string): boolean =>
  SILENT.includes(key) || (SILENT_IN[className]?.includes(key) ?? false)

/** Whether a value of an option that is not known here asks for nothing. */
export const isInert = (value: unknown): boolean =>
  value === null || value === false || (Array.isArray(value) && value.length === 0)
