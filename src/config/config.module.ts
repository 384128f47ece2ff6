import { Module } from '@nestjs/common';
import { readSettings } from './environment.js';
import { createLog, Log } from './log.js';
import { Settings } from './settings.js';

/** Provides the validated settings and the log. */
@Module({
  providers: [
    { provide: Settings, useFactory: () => readSettings() },
    { provide: Log, useFactory: (settings: Settings) => createLog(settings), inject: [Settings] },
  ],
  exports: [Settings, Log],
})
export class ConfigModule {}
