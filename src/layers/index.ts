// Every layer by the name of its factory; other files of the library take them from their own files.
export { activation } from './activation'
export { activityRegularization } from './activity-regularization'
export {
  adaptiveAveragePooling1d,
  adaptiveAveragePooling2d,
  adaptiveAveragePooling3d,
  adaptiveMaxPooling1d,
  adaptiveMaxPooling2d,
  adaptiveMaxPooling3d,
} from './adaptive-pooling'
export { additiveAttention, attention } from './attention'
export { batchNormalization } from './batch-normalization'
export { bidirectional } from './bidirectional'
export { concatenate } from './concatenate'
export { conv1dTranspose, conv2dTranspose, conv3dTranspose } from './conv-transpose'
export { conv1d, conv2d, conv3d } from './convolution'
export { cropping1d, cropping2d, cropping3d } from './cropping'
export { convLstm1d, convLstm2d, convLstm3d } from './conv-lstm'
export { convLstm1dCell, convLstm2dCell, convLstm3dCell } from './conv-lstm-cell'
export { dense } from './dense'
export { depthwiseConv1d, depthwiseConv2d, separableConv1d, separableConv2d } from './depthwise'
export { dot } from './dot'
export {
  alphaDropout,
  dropout,
  gaussianDropout,
  gaussianNoise,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
} from './dropout'
export { einsumDense } from './einsum-dense'
export { embedding } from './embedding'
export {
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalAveragePooling3d,
  globalMaxPooling1d,
  globalMaxPooling2d,
  globalMaxPooling3d,
} from './global-pooling'
export { groupNormalization } from './group-normalization'
export { groupedQueryAttention } from './grouped-query-attention'
export { gru } from './gru'
export { gruCell } from './gru-cell'
export { identity } from './identity'
export { lambda } from './lambda'
export { layerNormalization } from './layer-normalization'
export { lstm } from './lstm'
export { lstmCell } from './lstm-cell'
export { masking } from './masking'
export { add, average, maximum, minimum, multiply, subtract } from './merging'
export { multiHeadAttention } from './multi-head-attention'
export { pReLU } from './p-relu'
export {
  averagePooling1d,
  averagePooling2d,
  averagePooling3d,
  maxPooling1d,
  maxPooling2d,
  maxPooling3d,
} from './pooling'
export { eLU, leakyReLU, reLU, thresholdedReLU } from './rectifiers'
export { flatten, permute, repeatVector, reshape } from './reshaping'
export { rmsNormalization } from './rms-normalization'
export { rnn } from './rnn'
export { simpleRNN } from './simple-rnn'
export { simpleRNNCell } from './simple-rnn-cell'
export { softmax } from './softmax'
export { spectralNormalization } from './spectral-normalization'
export { stackedRNNCells } from './stacked-rnn-cells'
export { timeDistributed } from './time-distributed'
export { unitNormalization } from './unit-normalization'
export { upSampling1d, upSampling2d, upSampling3d } from './up-sampling'
export { zeroPadding1d, zeroPadding2d, zeroPadding3d } from './zero-padding'
export { augMix } from './preprocessing/aug-mix'
export { autoContrast } from './preprocessing/auto-contrast'
export { categoryEncoding } from './preprocessing/category-encoding'
export { centerCrop } from './preprocessing/center-crop'
export { cutMix } from './preprocessing/cut-mix'
export { discretization } from './preprocessing/discretization'
export { equalization } from './preprocessing/equalization'
export { hashedCrossing } from './preprocessing/hashed-crossing'
export { hashing } from './preprocessing/hashing'
export { integerLookup } from './preprocessing/integer-lookup'
export { mixUp } from './preprocessing/mix-up'
export { normalization } from './preprocessing/normalization'
export { randAugment } from './preprocessing/rand-augment'
export { randomBrightness } from './preprocessing/random-brightness'
export { randomColorDegeneration } from './preprocessing/random-color-degeneration'
export { randomColorJitter } from './preprocessing/random-color-jitter'
export { randomContrast } from './preprocessing/random-contrast'
export { randomCrop } from './preprocessing/random-crop'
export { randomErasing } from './preprocessing/random-erasing'
export { randomFlip } from './preprocessing/random-flip'
export { randomGaussianBlur } from './preprocessing/random-gaussian-blur'
export { randomGrayscale } from './preprocessing/random-grayscale'
export { randomHue } from './preprocessing/random-hue'
export { randomInvert } from './preprocessing/random-invert'
export { randomPerspective } from './preprocessing/random-perspective'
export { randomPosterization } from './preprocessing/random-posterization'
export { randomRotation } from './preprocessing/random-rotation'
export { randomSaturation } from './preprocessing/random-saturation'
export { randomSharpness } from './preprocessing/random-sharpness'
export { randomShear } from './preprocessing/random-shear'
export { randomTranslation } from './preprocessing/random-translation'
export { randomZoom } from './preprocessing/random-zoom'
export { rescaling } from './preprocessing/rescaling'
export { resizing } from './preprocessing/resizing'
export { solarization } from './preprocessing/solarization'
export { stringLookup } from './preprocessing/string-lookup'
export { textVectorization } from './preprocessing/text-vectorization'
