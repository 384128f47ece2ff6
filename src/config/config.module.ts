import { Module } from '@nestjs/common';
import { readSettings } from './environment.js';
import { createLog, Log } from './log.js';
import { Settings } from './settings.js';

/** Hands the checked settings and the log to whoever injects them. */
@Module({
  providers: [
    { provide: Settings, useFactory: () => readSettings() },
    { provide: Log, useFactory: (settings: Settings) => createLog(settings), inject: [Settings] },
  ],
  exports: [Settings, Log],
})
export class ConfigModule {}
