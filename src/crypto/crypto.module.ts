import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConfigModule } from '../config/config.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { MasterKey } from './master-key.js';
import { Pepper } from './pepper.entity.js';
import { PeppersRepository } from './peppers.repository.js';
import { Sealer } from './sealer.js';
import { SecretHasher } from './secret-hasher.js';

/** Hashing of secrets and sealing of keys; tables only for the pepper. */
@Module({
  imports: [ConfigModule, DatabaseModule, TypeOrmModule.forFeature([Pepper])],
  providers: [MasterKey, Sealer, PeppersRepository, SecretHasher],
  exports: [Sealer, SecretHasher],
})
export class CryptoModule {}
