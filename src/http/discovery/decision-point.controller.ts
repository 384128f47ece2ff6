import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Settings } from '../../config/settings.js';
import { DECISION_POINT_METADATA, publish } from './public-documents.js';

/** The metadata of the decision point (AuthZEN 9). */
@Controller()
export class DecisionPointMetadataController {
  constructor(private readonly settings: Settings) {}

  @Get(DECISION_POINT_METADATA)
  metadata(@Res() reply: FastifyReply): void {
    const { publicUrl } = this.settings;
    const endpoints = `${publicUrl}/access/v1`;
    publish(reply, {
      policy_decision_point: publicUrl,
      access_evaluation_endpoint: `${endpoints}/evaluation`,
      access_evaluations_endpoint: `${endpoints}/evaluations`,
      search_subject_endpoint: `${endpoints}/search/subject`,
      search_resource_endpoint: `${endpoints}/search/resource`,
      search_action_endpoint: `${endpoints}/search/action`,
    });
  }
}
