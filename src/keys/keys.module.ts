import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CryptoModule } from '../crypto/crypto.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { KeyRing } from './key-ring.service.js';
import { SigningKeyRow } from './signing-key.entity.js';
import { SigningKeysRepository } from './signing-keys.repository.js';

/** Signing keys: made, sealed, published. */
@Module({
  imports: [CryptoModule, DatabaseModule, TypeOrmModule.forFeature([SigningKeyRow])],
  providers: [SigningKeysRepository, KeyRing],
  exports: [KeyRing],
})
export class KeysModule {}
