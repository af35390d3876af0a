#!/usr/bin/env node
// The command line `gradloom`: `src/cli` with the streams of this process.
import { runProcess } from './cli/process'

void runProcess()
