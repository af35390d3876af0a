import {
  constantInit,
  DISTRIBUTIONS,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  lecunNormal,
  lecunUniform,
  MODES,
  ones,
  randomNormal,
  randomUniform,
  truncatedNormal,
  type VarianceScaling,
  varianceScaling,
  zeros,
} from '../init/initializers'
import { identityInit, orthogonal } from '../init/matrices'
import { stftInit } from '../init/stft'
import { checkKeys, sameName } from '../ir/names-of'
import { type PartConfig, partConfig, type PartId, type PartKind, partOf } from '../ir/part'

/** An initializer: its name, its class and config, or one that was made. */
export type InitializerId = PartId<Initializer>

/** One that takes no options. */
const bare =
  (name: string, make: () => Initializer) =>
  (options: object): Initializer => {
    checkKeys(name, options, [])
    return make()
  }

/** Words as Keras writes them, `fan_in`, are words of ours. */
function spelt({ mode, distribution, ...others }: VarianceScaling): VarianceScaling {
  return {
    ...others,
    ...(mode === undefined ? {} : { mode: MODES.find((one) => sameName(one, String(mode))) ?? mode }),
    ...(distribution === undefined
      ? {}
      : { distribution: DISTRIBUTIONS.find((one) => sameName(one, String(distribution))) ?? distribution }),
  }
}

/** Keras's initializers with its defaults. */
const INITIALIZERS: PartKind<Initializer> = {
  kind: 'initializer',
  nulls: { STFTInitializer: ['window', 'scaling'] },
  classes: {
    Zeros: bare('zeros', zeros),
    Ones: bare('ones', ones),
    Constant: (options: { readonly value?: number }) => {
      checkKeys('constantInit', options, ['value'])
      return constantInit(options.value ?? 0)
    },
    Identity: identityInit,
    RandomNormal: randomNormal,
    RandomUniform: randomUniform,
    TruncatedNormal: truncatedNormal,
    VarianceScaling: (options: VarianceScaling) => varianceScaling(spelt(options)),
    GlorotNormal: glorotNormal,
    GlorotUniform: glorotUniform,
    HeNormal: heNormal,
    HeUniform: heUniform,
    LecunNormal: lecunNormal,
    LecunUniform: lecunUniform,
    Orthogonal: orthogonal,
    STFTInitializer: stftInit,
  },
  aliases: {
    constantInit: 'Constant',
    identityInit: 'Identity',
    identityInitializer: 'Identity',
    normal: 'RandomNormal',
    one: 'Ones',
    orthogonalInitializer: 'Orthogonal',
    stft: 'STFTInitializer',
    stftInit: 'STFTInitializer',
    uniform: 'RandomUniform',
    zero: 'Zeros',
  },
}
/** The class names of all initializers. */
export const initializerNames: readonly string[] = Object.keys(INITIALIZERS.classes)

/**
 * The initializer that a layer is told: one of Keras's by name, case and underscores aside, with its defaults; as
 * { className, config } with options; or any function that gives values. Throws for a name or an option that is not known.
 */
export const initializerOf = (id: InitializerId): Initializer => partOf(INITIALIZERS, id)

/** What JSON holds of an initializer. Throws for a function of the user's own. */
export const initializerConfig = (initializer: Initializer): PartConfig => partConfig('initializer', initializer)
