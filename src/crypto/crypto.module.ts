import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConfigModule } from '../config/config.module.js';
import { Settings } from '../config/settings.js';
import { DatabaseModule } from '../database/database.module.js';
import { AgreedClock } from './agreed-clock.js';
import { CurrentSeal } from './current-seal.js';
import { MasterKeys } from './master-keys.js';
import { openMasterKeys } from './open-master-keys.js';
import { Pepper } from './pepper.entity.js';
import { PeppersRepository } from './peppers.repository.js';
import { Sealer } from './sealer.js';
import { SecretHasher } from './secret-hasher.js';

/** Hashing of secrets, sealing of keys, and the time that processes agree on. */
@Module({
  imports: [ConfigModule, DatabaseModule, TypeOrmModule.forFeature([Pepper])],
  providers: [
    { provide: MasterKeys, inject: [Settings, PeppersRepository], useFactory: openMasterKeys },
    Sealer,
    CurrentSeal,
    PeppersRepository,
    SecretHasher,
    AgreedClock,
  ],
  exports: [Sealer, CurrentSeal, SecretHasher, AgreedClock],
})
export class CryptoModule {}
