import { sameName } from '../ir/names-of'
import { adafactorRule } from './adafactor'
import { adamRule, adamwRule } from './adam'
import { adamaxRule, lambRule, nadamRule } from './adam-kin'
import { adadeltaRule, adagradRule, rmspropRule } from './adaptive'
import { ftrlRule } from './ftrl'
import { lionRule } from './lion'
import { muonRule } from './muon'
import { sgdRule } from './sgd'
import type { Rule } from './optimizer'

/** The rules of the library. */
export const RULES = [
  sgdRule,
  rmspropRule,
  adagradRule,
  adadeltaRule,
  adamRule,
  adamwRule,
  adamaxRule,
  nadamRule,
  ftrlRule,
  lionRule,
  lambRule,
  adafactorRule,
  muonRule,
] as unknown as readonly Rule[]

/** Whether the library has a rule of this class. */
export const isOfLibrary = (className: string): boolean => RULES.some((r) => sameName(r.className, className))
